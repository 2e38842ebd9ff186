using System.Globalization;
using System.Text.Json;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Json;
using static Samovar.Protocol.Errors.Errors;

namespace Samovar.Protocol.Fields;

/// <summary>Variables for a model's chat template, of any JSON each, by their names.</summary>
internal sealed record VariablesForm : FieldForm
{
    private const int NameCharsMax = 64;

    /// <summary>What a template has from the server, and what the language itself knows: nobody else sets these.</summary>
    private static readonly HashSet<string> Reserved = new(StringComparer.Ordinal)
    {
        "messages", "tools", "add_generation_prompt", "continue_final_message", "bos_token", "eos_token", "unk_token", "pad_token",
        "chat_template", "tokenize", "return_dict", "raise_exception", "strftime_now", "range", "dict", "namespace", "cycler", "joiner",
        "lipsum", "loop", "self", "super", "caller", "varargs", "kwargs", "true", "false", "none", "True", "False", "None",
    };

    public override string Description =>
        string.Create(CultureInfo.InvariantCulture, $"object of at most {ProtocolLimits.Default.TemplateVariablesMax} variables");

    public override string Types => "an object";

    public override void Check(ref JsonCursor json) => Read(ref json);

    /// <summary>Empty where the request sets none.</summary>
    public static RawJson Read(ref JsonCursor json)
    {
        if (json.IsNull) return default;
        json.Expect(JsonTokenType.StartObject, "an object");
        var start = json.Start;
        var names = new HashSet<string>(StringComparer.Ordinal);
        while (json.NextField())
        {
            var name = json.Text;
            if (names.Count == json.Limits.TemplateVariablesMax)
                throw json.Fail(TooManyProperties, json.Path, json.Limits.TemplateVariablesMax);
            if (name.Length > NameCharsMax) throw json.Fail(PropertyNameTooLong, json.Path, NameCharsMax, name.Length);
            json.Push(name);
            if (!IsVariable(name)) throw json.Fail(NotAName, json.Path);
            if (Reserved.Contains(name)) throw json.Fail(UnsupportedParameter, json.Path);
            if (!names.Add(name)) throw json.Fail(DuplicateParameter, json.Path);
            json.Pop();
            json.Read();
            json.Skip();
        }
        var read = json.Since(start);
        if (read.Utf8.Length > json.Limits.TemplateVariablesBytesMax)
            throw json.Fail(StringTooLong, json.Path, json.Limits.TemplateVariablesBytesMax, read.Utf8.Length);
        return names.Count == 0 ? default : read.Copy(); // a frame must not live as long as its settings
    }

    /// <summary>What is wrong with an operator's own, as the API would say it; null where nothing is.</summary>
    public static string? FaultOf(string text, out RawJson variables)
    {
        variables = default;
        try
        {
            var utf8 = JsonInput.Accept(System.Text.Encoding.UTF8.GetBytes(text), ProtocolLimits.Default);
            var json = new JsonCursor(utf8, ProtocolLimits.Default);
            json.Read();
            variables = Read(ref json);
            json.ReadEnd();
            return null;
        }
        catch (JsonException broken)
        {
            return broken.Message;
        }
        catch (ApiException fault)
        {
            return fault.Message;
        }
    }

    private static bool IsVariable(string name) =>
        name.Length > 0 && !char.IsAsciiDigit(name[0]) && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '_');
}
