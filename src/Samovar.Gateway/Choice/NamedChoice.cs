using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Samovar.Backends;
using Samovar.Gateway.Destinations;

namespace Samovar.Gateway.Choice;

/// <summary>
/// Chooses among destinations that are as good as each other by what a conversation is known by, and not by chance: where another node gets
/// a history that is sent again, it chooses as the first one did, and finds the upstream's cache.
/// </summary>
/// <remarks>
/// By the highest of all hashes of the conversation and a destination's name, drawn out by its weight: where destinations come or go, only
/// those conversations move that must.
/// </remarks>
internal static class NamedChoice
{
    private const double Parts = 1UL << 53;

    /// <param name="equals">At least one. Most often there is no choice, and then the start of the conversation is not read.</param>
    public static Destination Of(BackendTurn turn, string model, IReadOnlyList<Destination> equals)
    {
        if (equals is [var only]) return only;
        var key = KeyOf(turn, model);
        return equals.MaxBy(destination => Score(key, destination))!;
    }

    /// <summary>The same for every turn of a conversation, whoever gets it.</summary>
    private static string KeyOf(BackendTurn turn, string model)
    {
        var hints = turn.Request.Hints;
        return (hints.Thread ?? hints.Session) is { } named
            ? ConversationStart.Of(turn.Tenant.Value, $"{hints.Session}/{named}") : ConversationStart.Opening(turn, model);
    }

    private static double Score(string key, Destination destination)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{key}\n{destination.Name}"));
        var part = ((BinaryPrimitives.ReadUInt64BigEndian(hash) >> 11) + 0.5) / Parts; // between 0 and 1
        return destination.Options.Weight / -Math.Log(part);
    }
}
