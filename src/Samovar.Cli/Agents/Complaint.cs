using Samovar.Escaping;

namespace Samovar.Cli.Agents;

/// <summary>What went wrong, as the program says it: one line that begins with its name, whoever the words are from.</summary>
internal static class Complaint
{
    /// <summary>Of a server whose answer is not what this program knows.</summary>
    public const string Unreadable = "What the server answers cannot be read: is it a Samovar of this version?";

    /// <summary>Says it, and gives the exit status of a command that could not do what it was asked for.</summary>
    public static int Fail(TextWriter error, string trouble)
    {
        Write(error, trouble);
        return 1;
    }

    public static void Write(TextWriter error, string trouble) => error.WriteLine("samovar: " + ForeignText.OneLine(trouble));
}
