/** This device's own choices. Browsers that refuse storage forget them with the page. */
type Preference = 'locale' | 'theme';

export function recall(preference: Preference): string | null {
  try {
    return localStorage.getItem(`palang.${preference}`);
  } catch {
    return null;
  }
}

export function remember(preference: Preference, value: string): void {
  try {
    localStorage.setItem(`palang.${preference}`, value);
  } catch {
    // Storage is off (private window): the choice holds until the page is left.
  }
}
