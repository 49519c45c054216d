/** An error that callers tell apart by `code`, never by its text. `detail` holds the values that explain it. */
export class CodedError<Code extends string = string> extends Error {
  readonly code: Code;
  readonly detail: Readonly<Record<string, unknown>>;

  constructor(code: Code, message: string, detail: Record<string, unknown> = {}) {
    super(message);
    this.name = 'CodedError';
    this.code = code;
    this.detail = detail;
  }
}

/** The code of an error of ours, or undefined for anything else that was thrown. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof CodedError ? error.code : undefined;
}
