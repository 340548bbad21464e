/** Whether this is the full run: what takes long and shows little more is left to it. */
export const isFull = process.env['ZFERRY_FULL'] === '1';

/**
 * What the full run changes about the hosts of a scenario: a script of `sh` that is run on each host first. None of it may
 * make a difference to what is seen.
 */
export const variants: Readonly<Record<string, string>> = {
  main: 'true',
  csh: 'chsh -s /bin/csh root',
  fish: 'chsh -s /usr/bin/fish root',
  // Not on the lab's own network, by which tests look at what is there.
  greeting: `cat > /root/.greet <<'END'
case "$SSH_CONNECTION" in *' 10.0.2.15 22') echo Welcome; echo Mind the gap >&2 ;; esac
END
sed -i '1i . /root/.greet' /root/.bashrc 2>/dev/null || echo '. /root/.greet' > /root/.bashrc`,
};
