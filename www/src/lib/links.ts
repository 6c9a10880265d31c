/** What the presets of the link are called: by the rate that they are, not by its round name in papers. */
const TITLES: Record<string, string> = {
  loopback: 'One host, no link time',
  lan: 'LAN 3.07\u00a0Gbit/s, 0.3\u00a0ms',
  wan: 'WAN 352\u00a0Mbit/s, 40\u00a0ms',
  'gbit-down': '1\u00a0Gbit/s, 100\u00a0up / 900\u00a0down',
  'gbit-up': '1\u00a0Gbit/s, 865\u00a0up / 135\u00a0down',
  mbit100: '100\u00a0Mbit/s, 50\u00a0ms',
};

export const linkTitle = (id: string): string => TITLES[id] ?? (id === 'custom' ? 'the link set by hand' : id);
