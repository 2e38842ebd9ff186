namespace Samovar.Bench.Samples;

/// <summary>A quantity that belongs to no turn: memory of an idle socket, an append's time, KV bytes of a token.</summary>
/// <param name="Name">In words, such as <c>memory of an idle session</c>.</param>
/// <param name="Unit">Such as <c>B</c>, <c>ms</c>, <c>B/token</c>.</param>
/// <param name="Values">One for each round.</param>
/// <param name="Conditions">Model, link, load and whatever else a reader must know.</param>
internal sealed record MeasuredValue(string Name, string Unit, IReadOnlyList<double> Values, string Conditions);
