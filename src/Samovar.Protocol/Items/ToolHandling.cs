using System.Text.Json;
using Samovar.Protocol.Fields;
using Samovar.Protocol.Json;

namespace Samovar.Protocol.Items;

/// <summary>What a client says of a function beside its form. Models of providers know it; in an engine's prompt it has no place.</summary>
/// <remarks>
/// A client of Responses says it in the tool. What one of Messages says is kept beside the tools, in the request, so that no
/// conversation is another one by it.
/// </remarks>
/// <param name="IsDeferred">Whether the model sees the tool only once it has looked for it.</param>
/// <param name="Callers">Who may call it, an array of words; empty where that is not said.</param>
/// <param name="Examples">Inputs that calls may have, an array of objects; empty where there are none.</param>
/// <param name="IsEager">Whether arguments are streamed as they are made, before a provider has checked them; null where that is not
/// said.</param>
public sealed record ToolHandling(bool IsDeferred, RawJson Callers, RawJson Examples, bool? IsEager = null)
{
    internal const string Deferred = "defer_loading", AllowedCallers = "allowed_callers", InputExamples = "input_examples",
        Eager = "eager_input_streaming";

    /// <summary>Tools of a Messages client, by their names.</summary>
    internal static Dictionary<string, ToolHandling> ByName(RawJson tools)
    {
        var byName = new Dictionary<string, ToolHandling>(StringComparer.Ordinal);
        foreach (var (name, said) in tools.OwnFields()) byName[name] = new ToolHandling(
            !said.OwnField("defer_loading"u8).IsEmpty, said.OwnField("allowed_callers"u8), said.OwnField("input_examples"u8),
            said.OwnField("eager_input_streaming"u8) is { IsEmpty: false } eager ? eager.Utf8.Span.SequenceEqual("true"u8) : null);
        return byName;
    }

    /// <summary>The same as one object; empty where nothing is said.</summary>
    internal static RawJson Write(IReadOnlyList<(string Name, ToolHandling Said)> tools) =>
        tools.Count == 0 ? default : new(JsonBuffer.Bytes(tools, static (writer, tools) =>
        {
            writer.WriteStartObject();
            foreach (var (name, said) in tools)
            {
                writer.WriteStartObject(name);
                said.WriteTo(writer);
                writer.WriteEndObject();
            }
            writer.WriteEndObject();
        }));

    /// <summary>What is left out where a backend does not know it. All others stream arguments as they come: there is nothing to
    /// ask them for.</summary>
    internal IEnumerable<string> Names
    {
        get
        {
            if (IsDeferred) yield return "tools." + Deferred;
            if (!Callers.IsEmpty) yield return "tools." + AllowedCallers;
            if (!Examples.IsEmpty) yield return "tools." + InputExamples;
        }
    }

    /// <summary>Writes its fields into the tool.</summary>
    internal void WriteTo(Utf8JsonWriter writer)
    {
        if (IsDeferred) writer.WriteBoolean(Deferred, true);
        Write(writer, AllowedCallers, Callers);
        Write(writer, InputExamples, Examples);
        if (IsEager is { } eager) writer.WriteBoolean(Eager, eager);
    }

    internal ToolHandling MovedTo(RawJson copy, RawJson whole) =>
        this with { Callers = Callers.MovedTo(copy, whole), Examples = Examples.MovedTo(copy, whole) };

    private static void Write(Utf8JsonWriter writer, string name, RawJson value)
    {
        if (value.IsEmpty) return;
        writer.WritePropertyName(name);
        value.WriteTo(writer);
    }
}

/// <summary>What was read of it so far.</summary>
internal sealed class ToolHandlingDraft
{
    private bool _isDeferred;
    private bool? _isEager;
    private RawJson _callers, _examples;

    public void ReadDeferred(ref JsonCursor json) => _isDeferred = Forms.Flag.Read(ref json) == true;

    public void ReadCallers(ref JsonCursor json) => _callers = List(Forms.ToolCallers, ref json);

    public void ReadExamples(ref JsonCursor json) => _examples = List(Forms.ToolExamples, ref json);

    public void ReadEager(ref JsonCursor json) => _isEager = Forms.Flag.Read(ref json);

    /// <summary>Null where nothing is said.</summary>
    public ToolHandling? Build()
    {
        var isSaid = _isDeferred || !_callers.IsEmpty || !_examples.IsEmpty || _isEager is not null;
        return isSaid ? new ToolHandling(_isDeferred, _callers, _examples, _isEager) : null;
    }

    private static RawJson List(ListForm form, ref JsonCursor json)
    {
        var start = json.Start;
        form.Check(ref json);
        var list = json.Since(start);
        return list.Elements().Count == 0 ? default : list;
    }
}
