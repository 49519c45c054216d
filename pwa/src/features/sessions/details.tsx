import type { SessionView } from '@palang/contract/api/shapes';
import { formatPlate } from '@palang/contract/plate';
import type { Quote } from '@palang/contract/tariff/price';
import type { ComponentChildren } from 'preact';
import { Dialog } from '../../app/dialog.js';
import { Icon } from '../../app/icons.js';
import { hubNow } from '../../app/state.js';
import { words } from '../../i18n/language.js';
import { entryPhoto, flagsOf, stayed } from './model.js';

/** One stay: its entry photo, what is known of it, and its fee line by line. */
export function SessionDialog({ session, onClose }: { session: SessionView; onClose: () => void }) {
  const w = words.value;
  const plate = session.license_plate === null ? w.t('sessions.noplate') : formatPlate(session.license_plate);
  const photo = entryPhoto(session);
  const duration = stayed(session, hubNow.value);
  return (
    <Dialog title={plate} size="large" onClose={onClose}>
      <div class="details">
        <figure>
          {photo === null ? (
            <p class="empty">{w.t('sessions.nophoto')}</p>
          ) : (
            <img src={`/api/photos/${photo}`} alt={w.t('sessions.photo', { plate })} />
          )}
        </figure>
        <div>
          {flagsOf(session).map((flag) => (
            <p key={flag} class="warning">
              <Icon name="alert" />
              {w.word('flag', flag) ?? flag}
            </p>
          ))}
          <dl class="facts">
            <Fact name={w.t('lane.card')}>{session.card_id ?? w.t('common.none')}</Fact>
            {session.right !== null && <Fact name={w.t('sessions.right')}>{w.t(`right.${session.right}`)}</Fact>}
            {session.entry_gate !== null && <Fact name={w.t('sessions.entry')}>{w.gate(session.entry_gate)}</Fact>}
            <Fact name={w.t('sessions.duration')}>
              {duration === null ? w.t('common.unknown') : w.duration(duration)}
              {session.entry_time !== null && ` · ${w.t('sessions.since', { time: w.time(session.entry_time) })}`}
            </Fact>
            {session.paid > 0 && <Fact name={w.t('sessions.paid')}>{w.money(session.paid)}</Fact>}
          </dl>
          <h3>{w.t('sessions.feenow')}</h3>
          {session.fee === null ? <p>{w.t('sessions.nofee')}</p> : <FeeLines quote={session.fee} />}
        </div>
      </div>
    </Dialog>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function FeeLines({ quote }: { quote: Quote }) {
  const w = words.value;
  const days = Math.max(...quote.lines.map(({ day }) => day));
  return (
    <table class="fee">
      <tbody>
        {quote.lines.map((line) => (
          <tr key={`${line.day}${line.kind}`}>
            <th scope="row">
              {w.t(`line.${line.kind}`)}
              {line.count > 1 && ` ${line.count} × ${w.money(line.unit)}`}
              {days > 1 && line.day > 0 && <small> {w.t('line.day', { n: line.day })}</small>}
            </th>
            <td>{w.money(line.amount)}</td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row">
            {w.t('line.total')} <small>{w.t('sessions.tariff', { version: quote.tariff })}</small>
          </th>
          <td>{w.money(quote.amount)}</td>
        </tr>
      </tfoot>
    </table>
  );
}
