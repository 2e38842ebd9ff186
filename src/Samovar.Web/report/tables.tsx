import { report, spreadText, show, type SpectrumCell } from './data.ts';
import { Numbers } from './plot.tsx';

export function Facts() {
  const { facts, samples } = report;
  const rounds = new Set(samples.map(sample => JSON.stringify([sample.cell, sample.round]))).size;
  const rows: [string, string][] = [
    ['Made by', facts.command], ['On', new Date(facts.started_at).toISOString().slice(0, 16).replace('T', ' ') + ' UTC'],
    ['Samovar', facts.version], ['Machine', `${facts.processor}, ${facts.cores} cores, ${show(facts.memory_bytes / 2 ** 30)} GiB`],
    ['System', `${facts.system}, ${facts.runtime}`],
    ['Model of the engine', facts.model ? `${facts.model}, libllama ${facts.library ?? '?'}` : 'none ran'],
    ['Links', facts.link_method ?? 'userspace where one is named'],
    ['What ran', `${report.cells.length} kinds of work, ${rounds} rounds, ${samples.length} turns`],
  ];
  return <dl>{rows.map(([name, value]) => <><dt>{name}</dt><dd>{value}</dd></>)}</dl>;
}

const marks: Record<string, string> = { held: '✓', 'not held': '✗', 'not measured': '–' };

export function Claims() {
  return (
    <div class="scroll"><table class="claims">
      <caption>Each claim with its conditions, what was measured here, and whether it held</caption>
      <thead><tr>{['verdict', 'said', 'measured here', 'why'].map(name => <th scope="col">{name}</th>)}</tr></thead>
      <tbody>{report.claims.map(({ claim, verdict, measured, reason }) => <tr data-claim={claim.id} class={verdict.replace(' ', '-')}>
        <td><b>{marks[verdict]} {verdict}</b></td>
        <th scope="row">{claim.said}<small>{claim.source}: {claim.conditions}</small></th>
        <td>{measured && verdict !== 'not measured' ? `${spreadText(measured, 1)} ${claim.unit}` : '–'}
          <small>{claim.transport}{claim.against && ` against ${claim.against}`}, {
            claim.workloads.join(', ')}, {claim.backend}, {claim.link}
            {measured && `, n = ${measured.count}`}</small></td>
        <td>{reason}</td>
      </tr>)}</tbody>
    </table></div>
  );
}

function Both({ cell }: { cell: SpectrumCell }) {
  return <td>{cell.measured}<small>published: {cell.published}</small></td>;
}

export function Spectrum() {
  return (
    <div class="scroll"><table>
      <caption>{report.spectrum.conditions}</caption>
      <thead><tr>{['approach', 'state lives', 'durability', 'latency', 'bandwidth'].map(name => <th scope="col">{name}</th>)}</tr></thead>
      <tbody>{report.spectrum.rows.map(row => <tr>
        <th scope="row">{row.approach}</th>
        <Both cell={row.state} /><Both cell={row.durability} /><Both cell={row.latency} /><Both cell={row.bandwidth} />
      </tr>)}</tbody>
    </table></div>
  );
}

export function Cells() {
  return (
    <div class="scroll"><Numbers caption="Medians (least–most) of the rounds"
      columns={['task', 'transport', 'backend', 'link', 'rounds × turns', 'KB up', '% of whole', 'KB down', 'connections', 'first turn ms',
        'first token ms', 'task s', 'CPU ms a turn', 'errors']}
      rows={report.cells.map(one => [one.cell.workload, one.cell.transport, one.cell.backend, one.cell.link, `${one.rounds} × ${one.turns}`,
        spreadText(one.bytes_up, 1, 1e-3), spreadText(one.bytes_up_change, 1), spreadText(one.bytes_down, 1, 1e-3),
        spreadText(one.connections),
        spreadText(one.first_turn_ms, 1), spreadText(one.first_token_ms, 1), spreadText(one.task_ms, 2, 1e-3),
        spreadText(one.server_cpu_ms, 1), show(one.errors)])} /></div>
  );
}

export function Values() {
  return (
    <div class="scroll"><Numbers caption="Constants that belong to no turn: median (least–most)"
      columns={['quantity', 'value', 'conditions']}
      rows={report.values.map(value => [value.name, `${spreadText(value.spread, 2)} ${value.unit}`, value.conditions])} /></div>
  );
}
