import { words } from '../i18n/language.js';
import { ageAt, freshness } from '../live/age.js';
import { now } from './state.js';

/** The age of what stands beside it: nothing while fresh, grey while aging, marked when old. `at` is on the app's clock. */
export function Age({ at }: { at: number | null }) {
  const age = ageAt(at, now.value);
  const state = freshness(age);
  if (state === 'fresh') return null;
  const w = words.value;
  const told = age === null ? w.t('age.never') : w.ago(age);
  return (
    <span class="age" data-freshness={state}>
      {state === 'old' && <b>{w.t('age.old')}</b>} {told}
    </span>
  );
}
