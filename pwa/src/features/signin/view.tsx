import { codeOf } from '@palang/contract/errors';
import { useEffect, useRef, useState } from 'preact/hooks';
import { setUp, signIn } from '../../app/operator.js';
import { setupNeeded } from '../../app/state.js';
import { errorText, words } from '../../i18n/language.js';
import { LanguageChoice } from '../settings/choices.js';
import './signin.css';

/** Sign-in, or the making of the first administrator where nobody exists yet. Fields are what password managers expect. */
export function SignIn() {
  const w = words.value;
  const first = setupNeeded.value;
  const [busy, setBusy] = useState(false);
  const [code, setCode] = useState<string | null>(null);
  const [shown, show] = useState(false);
  const password = useRef<HTMLInputElement>(null);
  useEffect(() => setCode(null), [first]);
  useEffect(() => {
    if (password.current !== null) password.current.type = shown ? 'text' : 'password';
  }, [shown]);

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const field = (name: string) => String(form.get(name) ?? '');
    setBusy(true);
    setCode(null);
    try {
      if (first) await setUp(field('code').trim(), field('username'), field('password'));
      else await signIn(field('username'), field('password'));
    } catch (error) {
      setCode(codeOf(error) ?? 'bad_answer');
      setBusy(false);
    }
  };

  return (
    <main class="signin">
      <form class="card" onSubmit={(event) => void submit(event)}>
        <header>
          <img src="/mark.svg" alt="" width="56" height="56" />
          <div>
            <h1>{first ? w.t('setup.title') : 'Palang'}</h1>
            <p>{first ? w.t('setup.lead') : w.t('signin.lead')}</p>
          </div>
        </header>
        {first && (
          <label>
            {w.t('setup.code')}
            <input name="code" required autocomplete="one-time-code" spellcheck={false} maxLength={64} />
          </label>
        )}
        <label>
          {w.t('signin.name')}
          <input
            name="username"
            required
            autocomplete="username"
            autocapitalize="none"
            spellcheck={false}
            maxLength={64}
          />
        </label>
        <label>
          {w.t('signin.password')}
          <span class="password">
            <input
              name="password"
              ref={password}
              type="password"
              required
              autocomplete={first ? 'new-password' : 'current-password'}
              {...(first ? { minLength: 10, 'aria-describedby': 'password-hint' } : {})}
              maxLength={256}
            />
            <button type="button" class="plain" aria-pressed={shown} onClick={() => show(!shown)}>
              {shown ? w.t('signin.hide') : w.t('signin.show')}
            </button>
          </span>
        </label>
        {first && <small id="password-hint">{w.t('setup.hint')}</small>}
        <div role="alert">{code !== null && <p class="error">{errorText(code)}</p>}</div>
        <button type="submit" class="primary" disabled={busy}>
          {busy ? w.t('signin.busy') : first ? w.t('setup.submit') : w.t('signin.submit')}
        </button>
      </form>
      <LanguageChoice />
    </main>
  );
}
