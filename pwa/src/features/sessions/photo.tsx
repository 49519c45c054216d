import { useEffect, useState } from 'preact/hooks';
import { Icon } from '../../app/icons.js';

/** A photo is announced with its event and may reach the hub a little later: it is asked for again, this many times. */
const TRIES = 4;
const TRY_AGAIN_AFTER = 2_500;

/** A stored photo, small; a car's sign where there is none or it cannot be had now. */
export function Thumbnail({ digest }: { digest: string | null }) {
  const [failed, setFailed] = useState(0);
  const [waiting, setWaiting] = useState(false);
  useEffect(() => {
    if (!waiting) return;
    const timer = setTimeout(() => setWaiting(false), TRY_AGAIN_AFTER * failed);
    return () => clearTimeout(timer);
  }, [waiting, failed]);
  const onError = () => {
    setFailed(failed + 1);
    setWaiting(true);
  };
  const shown = digest !== null && !waiting && failed < TRIES;
  return (
    <span class="thumb">
      {shown ? (
        <img src={`/api/photos/${digest}`} alt="" loading="lazy" onError={onError} />
      ) : (
        <Icon name="car" size={28} />
      )}
    </span>
  );
}
