import { Icon } from '../../app/icons.js';
import { attempts, now } from '../../app/state.js';
import { errorText, words } from '../../i18n/language.js';
import type { Attempt } from './model.js';
import './gate.css';

/** A decided act stays on its tile this long, ms; one that nobody can vouch for stays until the next. */
const SHOWN_FOR = 20_000;

/** Where the act stands, on the lane's tile. */
export function AttemptLine({ gate }: { gate: string }) {
  const attempt = attempts.value[gate];
  if (attempt === undefined) return null;
  if (attempt.stage === 'confirmed' && now.value - attempt.since > SHOWN_FOR) return null;
  if (attempt.stage === 'refused' && now.value - attempt.since > SHOWN_FOR) return null;
  return <Stages attempt={attempt} />;
}

/** Three steps, each reached or not; an end that is not the third says so in words. */
export function Stages({ attempt }: { attempt: Attempt }) {
  const w = words.value;
  const { stage, action, code } = attempt;
  const reached =
    stage === 'confirmed' ? 3 : stage === 'accepted' || stage === 'unproven' || code === 'not_seen' ? 2 : 1;
  const steps = [w.t('stage.sent'), w.t('stage.accepted'), w.t(`stage.confirmed.${action}`)];
  const ended = stage === 'refused' || stage === 'unknown' || stage === 'unproven';
  return (
    <div class="stages" data-stage={stage} role="status">
      <ol aria-label={w.t(`action.${action}`)}>
        {steps.map((step, index) => (
          <li key={step} data-reached={index < reached} data-next={!ended && index === reached}>
            <span class="step-mark" aria-hidden="true">
              {index < reached ? <Icon name="check" size={16} /> : index + 1}
            </span>
            <span>
              {step}
              {index >= reached && <span class="hidden"> ({w.t('stage.waiting')})</span>}
            </span>
          </li>
        ))}
      </ol>
      {stage === 'unproven' && <p class="warning">{w.t('stage.unproven')}</p>}
      {stage === 'refused' && (
        <p class="warning">
          <Icon name="alert" />
          <span>
            <b>{w.t('stage.refused')}.</b> {errorText(code ?? 'bad_answer')}
          </span>
        </p>
      )}
      {stage === 'unknown' && (
        <p class="warning">
          <Icon name="question" />
          <span>
            <b>{w.t('stage.unknown')}.</b> {errorText(code ?? 'bad_answer')} {w.t('stage.look')}
          </span>
        </p>
      )}
    </div>
  );
}
