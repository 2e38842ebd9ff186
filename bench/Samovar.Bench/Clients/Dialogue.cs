namespace Samovar.Bench.Clients;

/// <summary>One conversation: every turn continues the one before and sends only what is new.</summary>
/// <param name="isBare">Whether, after the first turn, it sends its input and nothing else.</param>
internal sealed class Dialogue(TurnClient client, bool stores, string? instructions = null, string? tools = null, bool isBare = false)
{
    /// <summary>The newest turn; null before the first.</summary>
    public TurnFigures? Newest { get; private set; }

    /// <param name="input">JSON array of items.</param>
    public async Task<TurnFigures> TurnAsync(string input)
    {
        var ask = new TurnAsk(input) { Stores = stores, Instructions = instructions, Tools = tools, Previous = Newest?.ResponseId };
        var figures = await client.TurnAsync(isBare && Newest is not null ? ask with { IsBare = true } : ask);
        if (figures.Error is null) Newest = figures;
        return figures;
    }
}
