import { Age } from '../../app/age.js';
import { Icon } from '../../app/icons.js';
import { tryNow } from '../../app/operator.js';
import { hubNow, lastHeard, link, now, site } from '../../app/state.js';
import { words } from '../../i18n/language.js';
import { applyUpdate, updateReady } from '../../offline/serviceWorker.js';
import './connection.css';

/** The quiet sign in the top bar. */
export function ConnectionSign() {
  const w = words.value;
  const l = link.value;
  if (l.state !== 'online') {
    return (
      <span class="link-sign" data-state={l.state}>
        <Icon name="unlink" />
        {l.state === 'connecting' ? w.t('link.connecting') : w.t('device.offline')}
      </span>
    );
  }
  return (
    <span class="link-sign" data-state="online">
      {site.value.coordinator?.status === 'draining' ? w.t('hub.draining') : w.t('link.online')}
      <Age at={l.heardAt} />
      {l.roundTrip !== null && <small>{w.t('link.roundtrip', { ms: Math.round(l.roundTrip) })}</small>}
    </span>
  );
}

/** Appears only when something is not as it should be, or when a new version waits. */
export function ConnectionBand() {
  const w = words.value;
  const l = link.value;
  const offset = hubNow.value - now.value;
  const heard = lastHeard.value;
  return (
    <>
      <div role="alert">
        {l.state === 'offline' && (
          <div class="band" data-tone="abnormal">
            <Icon name="unlink" size={24} />
            <p>
              <b>{w.t('link.offline', { time: w.time(l.since + offset) })}</b>{' '}
              {heard === null ? w.t('link.nodata') : <LastData heard={heard} offset={offset} />} {w.t('link.disabled')}
            </p>
            <span class="band-retry" aria-live="off">
              {l.retryAt === null
                ? w.t('link.trying')
                : w.t('link.retry', { s: Math.max(0, Math.ceil((l.retryAt - now.value) / 1000)) })}
            </span>
            <button type="button" onClick={tryNow} disabled={l.retryAt === null}>
              {w.t('link.now')}
            </button>
          </div>
        )}
      </div>
      <div role="status">
        {updateReady.value && (
          <div class="band" data-tone="normal">
            <p>{w.t('update.ready')}</p>
            <button
              type="button"
              class="plain"
              onClick={() => {
                updateReady.value = false;
              }}
            >
              {w.t('update.later')}
            </button>
            <button type="button" onClick={applyUpdate}>
              {w.t('update.apply')}
            </button>
          </div>
        )}
      </div>
    </>
  );
}

function LastData({ heard, offset }: { heard: number; offset: number }) {
  const w = words.value;
  return (
    <span aria-live="off">
      {w.t('link.data', { time: w.timeWithSeconds(heard + offset), ago: w.ago(now.value - heard) })}
    </span>
  );
}
