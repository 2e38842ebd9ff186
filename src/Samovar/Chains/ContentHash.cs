using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Samovar.Protocol.Items;
using Samovar.Protocol.Messages;

namespace Samovar.Chains;

/// <summary>
/// Names what a conversation says up to one point, so that a history that a client resends finds the chain that it continues. A hint:
/// <see cref="ItemContent"/> decides.
/// </summary>
/// <remarks>Reasoning is left out: most clients do not resend it.</remarks>
internal readonly record struct ContentHash(UInt128 Value)
{
    /// <summary>Before the first item.</summary>
    public static readonly ContentHash Start;
}

/// <summary>Grows a <see cref="ContentHash"/> item by item: each step costs its own item.</summary>
internal sealed class ContentWalk(ContentHash start) : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public ContentHash At { get; private set; } = start;

    public ContentHash Add(Item item)
    {
        if (item is ReasoningItem) return At;
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        BinaryPrimitives.WriteUInt128LittleEndian(digest, At.Value);
        _hash.AppendData(digest[..16]);
        Append(item);
        _hash.GetHashAndReset(digest);
        return At = new(BinaryPrimitives.ReadUInt128LittleEndian(digest));
    }

    public void Dispose() => _hash.Dispose();

    private void Append(Item item)
    {
        Append(item.Type);
        switch (item)
        {
            case MessageItem message:
                Append(message.Role.ToString());
                Append(message.Content);
                break;
            case FunctionCallItem call: Append(call.CallId, call.Namespace, call.Name, CallArguments.Canonical(call.Arguments)); break;
            case CustomToolCallItem call: Append(call.CallId, call.Namespace, call.Name, call.Input); break;
            case FunctionCallOutputItem output:
                Append(output.CallId);
                Append(output.Output);
                break;
            case CustomToolCallOutputItem output:
                Append(output.CallId);
                Append(output.Output);
                break;
            case AdditionalToolsItem tools: Append(tools.Tools.Json.Utf8.Span); break;
            case UnknownItem when CarriedBlock.Of(item) is { IsEmpty: false } block: // a client's has no id
                Append(CarriedBlock.RoleOf(item));
                Append(block.Utf8.Span);
                break;
            default: Append(item.Json.Utf8.Span); break;
        }
    }

    private void Append(IReadOnlyList<ContentPart> parts)
    {
        foreach (var part in parts)
            switch (part)
            {
                case ContentPart.Text text: Append("text", text.Value); break;
                case ContentPart.Refusal refusal: Append("refusal", refusal.Value); break;
                case ContentPart.Image image: Append("image", image.Url, image.FileId); break;
                case ContentPart.File file: Append("file", file.Name, file.Url, file.FileId); break;
                case ContentPart.Other other: Append("other", other.Kind); break;
            }
    }

    private void Append(params ReadOnlySpan<string?> texts)
    {
        foreach (var text in texts) Append(text ?? "");
    }

    private void Append(string text)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        Append(bytes.AsSpan(0, Encoding.UTF8.GetBytes(text, bytes)));
        ArrayPool<byte>.Shared.Return(bytes);
    }

    /// <summary>With its length, so that no two lists of texts read the same.</summary>
    private void Append(ReadOnlySpan<byte> text)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, text.Length);
        _hash.AppendData(length);
        _hash.AppendData(text);
    }
}
