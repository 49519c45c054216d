import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { words } from '../i18n/language.js';
import { Icon } from './icons.js';

/** A modal dialog for as long as it is rendered: the browser keeps the focus inside and gives it back; Esc closes. */
export function Dialog({
  title,
  size,
  onClose,
  children,
}: {
  title: string;
  size: 'small' | 'large';
  onClose: () => void;
  children: ComponentChildren;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  return (
    <dialog
      ref={dialog}
      class="dialog"
      data-size={size}
      aria-labelledby={heading}
      onClose={onClose}
      onPointerDown={(event) => {
        if (event.target === dialog.current) dialog.current?.close();
      }}
    >
      <div class="dialog-body">
        <header>
          {/* The focus starts on the title: never on a button that does something. */}
          <h2 id={heading} tabIndex={-1} autofocus>
            {title}
          </h2>
          <button
            type="button"
            class="plain square"
            aria-label={words.value.t('common.close')}
            onClick={() => dialog.current?.close()}
          >
            <Icon name="close" />
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}
