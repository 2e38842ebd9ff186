using Samovar.Protocol.Json;

namespace Samovar.Protocol.Messages;

/// <summary>
/// A call's arguments, which are free text in a create request, as the object that the Messages API wants. A call that was cut off has what
/// can be read of it, streamed and whole alike.
/// </summary>
internal static class ToolInput
{
    /// <summary>Levels of an input, in an answer and where it is sent back: far more than the rest of a request may have, for a model may
    /// write a tree, and what it wrote must be able to come back.</summary>
    public const int DepthMax = 500;

    public static RawJson Of(string arguments)
    {
        if (JsonInput.TryParse(arguments, out var input) && input.IsObject) return input;
        return RawJson.Of(CutObject.Close(arguments, DepthMax));
    }

    /// <summary>Whether they are no object, broken somewhere: what can be read of them may be another call than was meant.</summary>
    public static bool IsBroken(string arguments)
    {
        var read = new CutObject(DepthMax);
        read.Add(arguments);
        return read.IsBroken;
    }
}
