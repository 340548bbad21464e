const headBytes = 8 * 1024;
const tailBytes = 24 * 1024;

export type BoundedText = {
  add(text: string): void;
  /** All of it, or the first 8 KiB and the last 24 KiB with a note between (in UTF-16 units, not bytes). */
  text(): string;
};

/** Keeps what people need of a text that may grow without end: how it began and how it ended. */
export function boundedText(): BoundedText {
  let head = '';
  let tail = '';
  let dropped = 0;
  return {
    add(text) {
      const room = headBytes - head.length;
      head += text.slice(0, room);
      tail += text.slice(room);
      // Cut only now and then, so that many short lines do not copy the tail each time.
      if (tail.length > 2 * tailBytes) {
        dropped += tail.length - tailBytes;
        tail = tail.slice(-tailBytes);
      }
    },
    text() {
      const cut = Math.max(0, tail.length - tailBytes);
      if (dropped + cut === 0) return head + tail;
      return `${head}\n[… ${dropped + cut} characters left out …]\n${tail.slice(cut)}`;
    },
  };
}
