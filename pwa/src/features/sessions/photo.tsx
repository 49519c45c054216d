import { useState } from 'preact/hooks';
import { Icon } from '../../app/icons.js';

/** A stored photo, small; a car's sign where there is none or it cannot be had now. */
export function Thumbnail({ digest }: { digest: string | null }) {
  const [missing, setMissing] = useState<string | null>(null);
  return (
    <span class="thumb">
      {digest === null || digest === missing ? (
        <Icon name="car" size={28} />
      ) : (
        <img src={`/api/photos/${digest}`} alt="" loading="lazy" onError={() => setMissing(digest)} />
      )}
    </span>
  );
}
