/** What the presets of the link are called. */
const TITLES: Record<string, string> = {
  loopback: 'One host, no link time',
  lan: 'LAN 3\u00a0Gbps, 0.3\u00a0ms',
  wan: 'WAN 400\u00a0Mbps, 40\u00a0ms',
  'gbit-down': '1\u00a0Gbps, 100\u00a0up / 900\u00a0down',
  'gbit-up': '1\u00a0Gbps, 865\u00a0up / 135\u00a0down',
  mbit100: '100\u00a0Mbps, 50\u00a0ms',
};

export const linkTitle = (id: string): string => TITLES[id] ?? (id === 'custom' ? 'the link set by hand' : id);
