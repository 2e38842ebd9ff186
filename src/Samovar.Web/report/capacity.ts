// The formula of Capacity.cs for a reader's own inputs; an input that is not known makes what follows from it unknown.
export type Inputs = Record<string, number | undefined>;

export interface Need { name: string; unit: string; value: number | undefined; formula: string }

export function needs(inputs: Inputs): Need[] {
  const known = (key: string) => inputs[key] ?? NaN;
  const turns = known('sessions') / known('turn_seconds');
  const byProcessor = turns * known('cpu_ms') / 1000 / (known('cores') * known('use'));
  const session = known('idle_bytes') + known('turns_kept') * known('chain_bytes');
  const byMemory = known('sessions') * session / (known('memory_gb') * 1e9 * known('use'));
  const byNetwork = turns * Math.max(known('up_bytes'), known('down_bytes')) * 8 / (known('network_gbits') * 1e9 * known('use'));
  const nodes = Math.ceil(Math.max(byProcessor, byMemory, byNetwork));
  const state = known('sessions') * known('hot_share') * known('context_tokens') * known('kv_bytes');
  const rows: [string, string, number, string][] = [
    ['turns', '/s', turns, 'sessions ÷ time from turn to turn'],
    ['nodes by processor', '', byProcessor, 'turns/s × processor time of a turn ÷ (cores × use)'],
    ['nodes by memory', '', byMemory, 'sessions × (idle session + turns kept × turn) ÷ (memory × use)'],
    ['nodes by network', '', byNetwork, 'turns/s × the larger of bytes up and down × 8 ÷ (network × use)'],
    ['nodes', '', nodes, 'the largest of the three, rounded up'],
    ['sessions a node', '', known('sessions') / nodes, 'sessions ÷ nodes'],
    ['ingress, what is new', 'Gbit/s', turns * known('up_bytes') * 8 / 1e9, 'turns/s × bytes up × 8'],
    ['ingress, whole histories', 'Gbit/s', turns * known('up_whole_bytes') * 8 / 1e9, 'turns/s × bytes up of whole histories × 8'],
    ['KV state kept hot', 'TB', state / 1e12, 'sessions × share × context tokens × KV bytes of a token'],
    ['accelerators for it', '', Math.ceil(state / (known('accelerator_gb') * 1e9)), 'KV state ÷ memory of an accelerator, rounded up'],
    ['stored a day', 'GB', turns * 86_400 * known('stored_bytes') / 1e9, 'turns/s × 86,400 × disk of a stored turn'],
  ];
  return rows.map(([name, unit, value, formula]) => ({ name, unit, formula, value: Number.isFinite(value) ? value : undefined }));
}
