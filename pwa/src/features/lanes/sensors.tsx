import type { LaneSnapshot } from '@palang/contract/link/live';
import { words } from '../../i18n/language.js';
import { light, SENSORS } from './model.js';

/** One light per input; filled is active. A light's word is said to those who cannot see it. */
export function Sensors({ inputs }: { inputs: LaneSnapshot['inputs'] }) {
  const w = words.value;
  return (
    <ul class="sensors" aria-label={w.t('sensor.title')}>
      {SENSORS.map((name) => {
        const state = light(inputs, name);
        return (
          <li key={name} data-light={state}>
            <span class="lamp" aria-hidden="true" />
            <span>{w.t(`sensor.${name}`)}</span>
            {state === 'broken' ? <b>{w.t('sensor.broken')}</b> : <span class="hidden">{w.t(`sensor.${state}`)}</span>}
          </li>
        );
      })}
    </ul>
  );
}
