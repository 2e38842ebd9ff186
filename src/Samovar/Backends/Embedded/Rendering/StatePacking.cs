using Samovar.Chains;
using Samovar.Chains.Packing;
using Samovar.Engine;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Responses;

namespace Samovar.Backends.Embedded.Rendering;

/// <summary>A response's tokens, and what its continuation must know of its rendering, as bytes and back.</summary>
/// <remarks>
/// Tokens that are its parent's are not written again. Nor is what the response itself says: instructions, tools, effort. What was written
/// once is read for ever; under another model, template or way of rendering it means nothing, and is not taken.
/// </remarks>
internal static class StatePacking
{
    public const string Kind = "embedded";
    private const byte Version = 1;
    private const int PartTokens = 2048; // never another number: what is stored has it

    private enum Catalog : byte { Parents, ParentsAndOwn, Conversations, Written }

    [Flags]
    private enum Facts : byte { None = 0, AsWritten = 1, HasTail = 2 }

    [Flags]
    private enum Tail : byte { None = 0, System = 1, Tools = 2, Reasoning = 4, Text = 8, ReasoningSinceUser = 16, Cut = 32 }

    public static PackedState Pack(EmbeddedState state, ChainNode node)
    {
        var to = new PackWriter(64 + 3 * (state.Path.Length - state.TokensShared));
        to.Byte(Version);
        to.Text(state.Settings.Model);
        to.Byte((byte)((state.IsPromptAsWritten ? Facts.AsWritten : 0) | (state.Tail is null ? 0 : Facts.HasTail)));
        to.Number(state.PromptTokens);
        to.Number(state.ItemsDropped);
        WriteTail(to, state.Tail);
        WriteTools(to, state, node);
        to.Number(state.TokensShared);
        var own = state.Path.ToArray(state.TokensShared);
        to.Number(own.Length);
        var parts = Startup(own, state);
        foreach (var token in own.AsSpan(parts.Length * PartTokens)) to.Number((uint)token);
        return new PackedState(Kind, to.Written.ToArray()) { Parts = parts };
    }

    /// <summary>The tokens at a conversation's start, in equal parts: others with the same tools and instructions have them, too.</summary>
    private static ReadOnlyMemory<byte>[] Startup(int[] tokens, EmbeddedState state)
    {
        if (state.TokensShared > 0) return [];
        var parts = new ReadOnlyMemory<byte>[state.PromptTokens / PartTokens];
        for (var i = 0; i < parts.Length; i++)
        {
            var part = new PackWriter(3 * PartTokens);
            foreach (var token in tokens.AsSpan(i * PartTokens, PartTokens)) part.Number((uint)token);
            parts[i] = part.Written.ToArray();
        }
        return parts;
    }

    /// <summary>Null where it is another model's, or its parent's cannot be had.</summary>
    /// <param name="model">The loaded model and its way of rendering; null takes any, where it is compared when it is used.</param>
    /// <exception cref="InvalidDataException">The bytes are broken.</exception>
    public static EmbeddedState? Read(PackedState packed, StoredTurn turn, string? model)
    {
        var from = new PackReader(packed.Bytes.Span);
        if (from.Byte() != Version) return null;
        var of = from.Text();
        if (model is not null && of != model) return null;
        var parent = turn.Parent?.State as EmbeddedState;
        var facts = (Facts)from.Byte();
        var (promptTokens, dropped) = (from.Count(), from.Count());
        var tail = (facts & Facts.HasTail) != 0 ? ReadTail(ref from) : null;
        if (ReadTools(ref from, turn, parent) is not { } tools) return null;
        if (ReadPath(ref from, packed.Parts, parent, out var shared) is not { } path) return null;
        if (promptTokens > path.Length) throw new InvalidDataException("a prompt is longer than its tokens");
        var response = turn.Response;
        var settings = new PromptSettings(of, response.Instructions, response.Tools.Json, response.Request.ReasoningEffort)
        {
            Variables = response.Request.TemplateVariables,
        };
        return new EmbeddedState(path, pin: null, settings, tail, tools)
        {
            TokensShared = shared,
            HasOwnTools = parent?.Tools != tools,
            PromptTokens = promptTokens,
            IsPromptAsWritten = (facts & Facts.AsWritten) != 0,
            ItemsDropped = dropped,
        };
    }

    private static TokenPath? ReadPath(
        ref PackReader from, IReadOnlyList<ReadOnlyMemory<byte>> parts, EmbeddedState? parent, out int shared)
    {
        shared = from.Count();
        if (shared > (parent?.Path.Length ?? 0)) return null; // it has been another model's
        var copied = 0;
        var start = shared == 0 ? TokenPath.Empty : TokenPaths.Cut(parent!.Path, shared, out copied);
        shared -= copied; // what is in memory twice
        return start.Append(ReadTokens(ref from, parts));
    }

    private static int[] ReadTokens(ref PackReader from, IReadOnlyList<ReadOnlyMemory<byte>> parts)
    {
        var count = from.Count();
        if (count - from.Remaining.Length > parts.Count * PartTokens) throw new InvalidDataException("tokens are missing");
        var (tokens, at) = (new int[count], 0);
        foreach (var part in parts)
        {
            var reader = new PackReader(part.Span);
            for (var i = 0; i < PartTokens; i++) tokens[at++] = reader.Count();
        }
        while (at < count) tokens[at++] = from.Count();
        return tokens;
    }

    private static void WriteTail(PackWriter to, PromptTail? tail)
    {
        if (tail is null) return;
        to.Byte((byte)((tail.HasSystem ? Tail.System : 0) | (tail.HasTools ? Tail.Tools : 0) | (tail.Reasoning ? Tail.Reasoning : 0)
            | (tail.Text ? Tail.Text : 0) | (tail.ReasoningSinceUser ? Tail.ReasoningSinceUser : 0) | (tail.IsCut ? Tail.Cut : 0)));
        to.Number(tail.Calls.Count);
        foreach (var call in tail.Calls)
        {
            to.Text(call.Id);
            to.Text(call.Name);
            to.Text(call.Arguments);
        }
    }

    private static PromptTail ReadTail(ref PackReader from)
    {
        var tail = (Tail)from.Byte();
        var calls = new PromptCall[from.Entries()];
        for (var i = 0; i < calls.Length; i++) calls[i] = new PromptCall(from.Text(), from.Text(), from.Text());
        return new PromptTail(
            Has(Tail.System), Has(Tail.Tools), Has(Tail.Reasoning), Has(Tail.Text), calls, Has(Tail.ReasoningSinceUser), Has(Tail.Cut));

        bool Has(Tail what) => (tail & what) != 0;
    }

    private static void WriteTools(PackWriter to, EmbeddedState state, ChainNode node)
    {
        var parent = node.Parent?.State as EmbeddedState;
        if (!state.HasOwnTools) to.Byte((byte)Catalog.Parents);
        else if (parent is not null && parent.Tools.Grown(node.Input).HasToolsOf(state.Tools)) to.Byte((byte)Catalog.ParentsAndOwn);
        else if (OfConversation(node.Response, node.Parent, node.Input).HasToolsOf(state.Tools)) to.Byte((byte)Catalog.Conversations);
        else
        {
            to.Byte((byte)Catalog.Written); // some of what named them was left out of the prompt
            to.Number(state.Tools.Tools.Count);
            foreach (var tool in state.Tools.Tools) Write(to, tool);
        }
    }

    private static ToolCatalog? ReadTools(ref PackReader from, StoredTurn turn, EmbeddedState? parent)
    {
        switch ((Catalog)from.Byte())
        {
            case Catalog.Parents: return parent?.Tools;
            case Catalog.ParentsAndOwn: return parent?.Tools.Grown(turn.Input);
            case Catalog.Conversations: return OfConversation(turn.Response, turn.Parent, turn.Input);
            default:
                var tools = new OfferedTool[from.Entries()];
                for (var i = 0; i < tools.Length; i++) tools[i] = ReadTool(ref from);
                return ToolCatalog.Of(tools);
        }
    }

    /// <summary>The request's tools, and those of all items from the conversation's start.</summary>
    private static ToolCatalog OfConversation(Response response, ChainNode? parent, IReadOnlyList<Item> input)
    {
        var tools = ToolCatalog.Empty.With(response.Tools);
        var before = new Stack<ChainNode>();
        for (var node = parent; node is not null; node = node.Parent) before.Push(node);
        foreach (var node in before) tools = tools.Grown(node.Input);
        return tools.Grown(input);
    }

    private static void Write(PackWriter to, OfferedTool tool)
    {
        to.Text(tool.FlatName);
        to.Text(tool.Name);
        to.OptionalText(tool.Namespace);
        to.Flag(tool.IsCustom);
        to.OptionalText(tool.Description);
        to.Bytes(tool.Parameters.Utf8.Span);
        to.Flag(tool.IsStrict);
        to.OptionalText(tool.Pattern);
    }

    private static OfferedTool ReadTool(ref PackReader from) => new(
        from.Text(), from.Text(), from.OptionalText(), from.Flag(), from.OptionalText(), new RawJson(from.Bytes().ToArray()), from.Flag())
    {
        Pattern = from.OptionalText(),
    };
}
