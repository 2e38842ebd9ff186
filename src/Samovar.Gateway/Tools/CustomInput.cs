using Samovar.Protocol.Json;

namespace Samovar.Gateway.Tools;

/// <summary>The input of a custom tool, found in the arguments of the function call that stands for it.</summary>
internal static class CustomInput
{
    private const string Blanks = " \t";

    /// <summary>
    /// The whole input, from arguments that are mended as any call's are; of what was cut off, or cannot be read to its end, the part
    /// that came.
    /// </summary>
    /// <param name="arguments">As the upstream wrote them.</param>
    /// <param name="isWhole">Whether they came to their end.</param>
    public static string Of(string arguments, bool isWhole)
    {
        var mending = new CallArguments(); // once more, at the end: so only what came is held until then
        var mended = mending.Add(arguments) + mending.End(isCut: !isWhole);
        if (!isWhole && mended.Length == 0) return arguments;
        if (!isWhole) return CustomTools.InputIn(CutObject.Close(mended)) ?? (mending.IsBroken ? arguments : "");
        return IsMeant(arguments, mended) && CustomTools.InputIn(mended) is { } input ? input : CustomTools.Input(arguments);
    }

    /// <summary>
    /// Whether the object that was found is all the arguments are for: a sentence in front of it and what stands on lines of its own are
    /// left out, but a text that only mentions such an object, as a program or a patch may, is itself the input.
    /// </summary>
    private static bool IsMeant(string arguments, string found)
    {
        if (arguments.AsSpan().TrimStart() is ['{' or '"', ..]) return true;
        var start = arguments.IndexOf(found, StringComparison.Ordinal);
        if (start < 1 || found.Length * 2 < arguments.AsSpan().Trim().Length) return false;
        return arguments.AsSpan(0, start).TrimEnd(Blanks) is [.., '\n' or '\r' or ':' or '`']
            && arguments.AsSpan(start + found.Length).TrimStart(Blanks) is [] or ['\n' or '\r' or '`', ..];
    }
}
