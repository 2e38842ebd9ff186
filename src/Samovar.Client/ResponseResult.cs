using Samovar.Client.History;
using Samovar.Protocol.Items;
using Samovar.Protocol.Responses;

namespace Samovar.Client;

/// <summary>A response that ended well enough to be continued. It keeps what was said up to it, so that a lane can start from it again
/// also where the server has forgotten it.</summary>
public sealed class ResponseResult
{
    internal ResponseResult(ChainNode node, ResponseView response, IReadOnlyList<Item> output)
    {
        (Node, Response) = (node, response);
        Output = output.Count > 0 ? output : response.Output;
    }

    public string Id => Node.ResponseId;

    /// <summary>As the server ended it: status, model, usage.</summary>
    public ResponseView Response { get; }
    public IReadOnlyList<Item> Output { get; }

    /// <summary>All text of its messages.</summary>
    public string Text => string.Concat(Output.OfType<MessageItem>().SelectMany(message => message.Content).OfType<ContentPart.Text>()
        .Select(part => part.Value));

    /// <summary>What the caller is asked to do; its next input answers each.</summary>
    public IReadOnlyList<FunctionCallItem> FunctionCalls => [.. Output.OfType<FunctionCallItem>()];
    public Usage? Usage => Response.Usage;

    /// <summary>Why it ended before the model did: <c>max_output_tokens</c> …</summary>
    public string? IncompleteReason => Response.IncompleteReason;

    /// <summary>Bytes of the turn's requests, and of its events, over all links.</summary>
    public long BytesSent { get; internal init; }
    public long BytesReceived { get; internal init; }

    /// <summary>How often the whole conversation was sent because the server had lost it.</summary>
    public int Resends { get; internal init; }

    internal ChainNode Node { get; }
}
