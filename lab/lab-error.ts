/** Something about the lab that its user can change: one sentence that says what to do. */
export class LabError extends Error {
  override readonly name = 'LabError';
}
