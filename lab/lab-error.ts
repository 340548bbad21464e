/** Something about the lab that its user can change: one sentence that says what to do. */
export class LabError extends Error {
  override readonly name: string = 'LabError';
}

/** A command that was not given what it needs: the same, with exit status 2. */
export class UsageError extends LabError {
  override readonly name = 'UsageError';
}
