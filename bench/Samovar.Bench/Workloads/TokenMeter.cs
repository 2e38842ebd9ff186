namespace Samovar.Bench.Workloads;

/// <summary>How many characters of <see cref="Speech"/> the loaded model takes for one token, asked of the server once.</summary>
internal sealed class TokenMeter
{
    private const int SampleCharacters = 4000;
    private readonly double _charactersPerToken;

    private TokenMeter(double charactersPerToken) => _charactersPerToken = charactersPerToken;

    public static async Task<TokenMeter> MeasureAsync(IContender server)
    {
        await using var talk = server.Begin("", 0);
        return await MeasureAsync(async text => (await talk.SayAsync(text)).InputTokens);
    }

    /// <param name="tokensOf">Says a text and returns the tokens of the prompt.</param>
    public static async Task<TokenMeter> MeasureAsync(Func<string, Task<int>> tokensOf) =>
        new((double)SampleCharacters / await tokensOf(Speech.OfLength(SampleCharacters, 99)));

    public int CharactersOf(double tokens) => (int)(tokens * _charactersPerToken);

    /// <summary>Text of about so many tokens, the same for a seed.</summary>
    public string OfTokens(int tokens, int seed) => Speech.OfLength(CharactersOf(tokens), seed);
}
