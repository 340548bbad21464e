/** How a command ends that cannot do what it is told: its exit status and what it prints, in the words of OpenZFS. */
export class SimError extends Error {
  readonly status: number;

  constructor(text: string, status = 1) {
    super(text);
    this.status = status;
  }
}
