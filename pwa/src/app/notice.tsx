import { useEffect } from 'preact/hooks';
import { errorText } from '../i18n/language.js';
import { notice } from './state.js';

const SHOWN_FOR = 6_000;

/** One short word about what was just done; abnormal ones are codes. */
export function Notice() {
  const said = notice.value;
  useEffect(() => {
    if (said === null) return;
    const timer = setTimeout(() => {
      notice.value = null;
    }, SHOWN_FOR);
    return () => clearTimeout(timer);
  }, [said]);
  return (
    <div class="notice" role="status" data-tone={said?.tone}>
      {said !== null && <p>{said.tone === 'abnormal' ? errorText(said.text) : said.text}</p>}
    </div>
  );
}
