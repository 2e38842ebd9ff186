using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Requests;
using Samovar.Stores;

namespace Samovar.Cluster;

/// <summary>Where a conversation is at home whose client sends all of it with each request: each node computes the same node from what
/// stays the same through the conversation and from the rows of the nodes that are active.</summary>
/// <remarks>
/// The home is the node for which the hash of the conversation's key and the node's name is highest: where a node comes or goes, only the
/// conversations move that come to it or were its own. Nodes that see different rows for a moment cost a cold prefill, and nothing else.
/// </remarks>
internal static class Homes
{
    /// <summary>Whether a request has a home: nothing else says where its conversation is, and it goes on from one that may be warm
    /// somewhere, or may be gone on from.</summary>
    /// <param name="request">The request.</param>
    /// <param name="sendsAll">Whether its client is one that always sends all: then so do those that follow, whatever it stores.</param>
    public static bool AreFor(CreateRequest request, bool sendsAll) =>
        request is { PreviousResponseId: null, Conversation: null, Background: false, ResumeKey: null }
        && (!request.Store || sendsAll || request.Input.Any(IsHistory));

    /// <summary>What a request's conversation is known by: its session, where its client names one, else what it begins with.</summary>
    public static byte[] KeyOf(TenantId tenant, CreateRequest request)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add(hash, tenant.Value);
        if ((request.Hints.Session ?? request.Hints.Thread) is { } named)
        {
            Add(hash, "named");
            Add(hash, named);
        }
        else
        {
            Add(hash, request.Model);
            Add(hash, request.Instructions);
            AddBeginning(hash, request.Input);
        }
        return hash.GetHashAndReset();
    }

    /// <param name="key">Of the conversation.</param>
    /// <param name="nodes">All whose rows are there.</param>
    /// <returns>Null where none is active.</returns>
    public static ClusterNode? Of(byte[] key, IEnumerable<ClusterNode> nodes) => nodes
        .Where(static node => node.State == NodeState.Active)
        .OrderByDescending(node => WeightOf(key, node.Name)).ThenBy(static node => node.Name.Value, StringComparer.Ordinal)
        .FirstOrDefault();

    private static ulong WeightOf(byte[] key, NodeName node) =>
        BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData([.. key, .. Encoding.UTF8.GetBytes(node.Value)]));

    private static bool IsHistory(Item item) =>
        item is MessageItem { Role: Role.Assistant } or IToolCall or IToolOutput or ReasoningItem or CompactionItem;

    /// <summary>Up to and with the first message of the user: what follows comes with later turns.</summary>
    private static void AddBeginning(IncrementalHash hash, IReadOnlyList<Item> input)
    {
        foreach (var item in input)
        {
            Add(hash, item.Type);
            if (item is not MessageItem message)
            {
                Add(hash, item.Json.Utf8.Span);
                continue;
            }
            Add(hash, message.Role.ToString());
            foreach (var part in message.Content) AddPart(hash, part);
            if (message.Role == Role.User) return;
        }
    }

    /// <summary>What is said, and not how it is written: marks for caches move on from message to message.</summary>
    private static void AddPart(IncrementalHash hash, ContentPart part)
    {
        switch (part)
        {
            case ContentPart.Text text: Add(hash, text.Value); break;
            case ContentPart.Image image: Add(hash, image.Url ?? image.FileId); break;
            case ContentPart.File file: Add(hash, file.Url ?? file.FileId ?? file.Name); break;
        }
    }

    private static void Add(IncrementalHash hash, string? text) => Add(hash, text is null ? [] : Encoding.UTF8.GetBytes(text));

    /// <summary>With its length, so that two texts are never taken for two others.</summary>
    private static void Add(IncrementalHash hash, ReadOnlySpan<byte> text)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, text.Length);
        hash.AppendData(length);
        hash.AppendData(text);
    }
}
