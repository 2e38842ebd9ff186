using System.Text;

namespace Samovar.Bench.Workloads;

/// <summary>Text for prompts: random words, the same for a seed.</summary>
internal static class Speech
{
    private static readonly string[] Words =
        ("the server keeps a list of files and reads each line before it writes the next value into a table "
            + "of results for every test that failed again").Split(' ');

    /// <summary>One of the words, the same for a seed.</summary>
    public static string Word(int seed) => Words[new Random(seed).Next(Words.Length)];

    /// <summary>About so many characters; a byte-level vocabulary makes about one token of each.</summary>
    public static string OfLength(int characters, int seed)
    {
        var random = new Random(seed);
        var text = new StringBuilder(characters + 12);
        while (text.Length < characters) text.Append(Words[random.Next(Words.Length)]).Append(' ');
        return text.ToString(0, characters);
    }
}
