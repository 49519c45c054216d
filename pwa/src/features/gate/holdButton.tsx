import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

/** How long a button is held before it acts, ms. */
export const HOLD_FOR = 800;
/** Presses this soon after the button appeared were meant for what stood there before. */
const SETTLE = 300;

/**
 * A button that acts only after it was held to the end, by finger, mouse, Space or Enter. Letting go, leaving it or losing the focus
 * before the end does nothing.
 */
export function HoldButton({
  disabled,
  described,
  emphasis,
  onHeld,
  children,
}: {
  disabled: boolean;
  /** Id of the text that tells why it is disabled, or how to use it. */
  described: string;
  emphasis: 'primary' | 'plain';
  onHeld: () => void;
  children: ComponentChildren;
}) {
  const [held, setHeld] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const shownAt = useRef(0);
  useEffect(() => {
    shownAt.current = performance.now();
    return () => clearTimeout(timer.current);
  }, []);
  const release = () => {
    clearTimeout(timer.current);
    setHeld(false);
  };
  const press = () => {
    if (disabled || performance.now() - shownAt.current < SETTLE) return;
    setHeld(true);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      setHeld(false);
      onHeld();
    }, HOLD_FOR);
  };
  const isPressKey = ({ key }: KeyboardEvent) => key === ' ' || key === 'Enter';
  return (
    <button
      type="button"
      class="hold"
      data-emphasis={emphasis}
      data-held={held}
      aria-disabled={disabled}
      aria-describedby={described}
      onPointerDown={(event) => {
        if (event.button === 0) press();
      }}
      onPointerUp={release}
      onPointerLeave={release}
      onPointerCancel={release}
      onBlur={release}
      onContextMenu={(event) => event.preventDefault()}
      onKeyDown={(event) => {
        if (!isPressKey(event)) return;
        event.preventDefault();
        if (!event.repeat) press();
      }}
      onKeyUp={(event) => {
        if (isPressKey(event)) release();
      }}
    >
      <span class="hold-fill" style={{ transitionDuration: held ? `${HOLD_FOR}ms` : '120ms' }} />
      <span class="hold-label">{children}</span>
    </button>
  );
}
