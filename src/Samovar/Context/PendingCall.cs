using Samovar.Protocol.Items;

namespace Samovar.Context;

/// <summary>What models read while an asynchronous call has no output, where their protocol wants one for each call.</summary>
/// <remarks>The words never change: what was written once stays the beginning of every later prompt.</remarks>
internal static class PendingCall
{
    public const string Note = "Pending: this call is still running. Its result follows in a later message.";

    public static bool Is(Item item) => item is FunctionCallItem { IsAsync: true } or CustomToolCallItem { IsAsync: true };
}
