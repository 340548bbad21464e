/**
 * What the full run changes about the hosts of a scenario: a script of `sh` that is run on each host first. None of it may
 * make a difference to what is seen.
 */
export const variants: Readonly<Record<string, string>> = {
  main: 'true',
  csh: 'chsh -s /bin/csh root',
  fish: 'chsh -s /usr/bin/fish root',
  greeting:
    "printf 'echo Welcome\\necho Mind the gap >&2\\n' > /root/.greet && sed -i '1i . /root/.greet' /root/.bashrc || printf '. /root/.greet\\n' > /root/.bashrc",
};
