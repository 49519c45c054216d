/** What the keys need of the disk; the adapter writes whole files, readable by this user only. */
export interface KeyFiles {
  /** Null when there is no such file. */
  read(path: string): string | null;
  write(path: string, text: string): void;
  remove(path: string): void;
}
