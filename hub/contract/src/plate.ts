/**
 * Indonesian plates: one or two letters (region), one to four digits, up to three letters, for example `B 1234 XYZ`.
 * Stored without spaces; shown in groups. Anything else (diplomatic, military, foreign) is kept as a special plate.
 */
const CIVIL = /^([A-Z]{1,2})([0-9]{1,4})([A-Z]{0,3})$/;

/** Upper case, only letters and digits, at most 16 characters; null when nothing is left. */
export function normalisePlate(text: string): string | null {
  const plate = text
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, '')
    .slice(0, 16);
  return plate === '' ? null : plate;
}

export function isCivilPlate(normalised: string): boolean {
  return CIVIL.test(normalised);
}

/** `B1234XYZ` as `B 1234 XYZ`; a special plate unchanged. */
export function formatPlate(normalised: string): string {
  const parts = CIVIL.exec(normalised);
  return parts === null
    ? normalised
    : parts
        .slice(1)
        .filter((part) => part !== '')
        .join(' ');
}
