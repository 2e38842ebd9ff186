using System.Globalization;
using System.Text.Json;
using Samovar.Protocol.Fields;
using Samovar.Protocol.Json;
using static Samovar.Protocol.Errors.Errors;

namespace Samovar.Protocol.Requests;

/// <summary>Reads <c>logit_bias</c>: from a token's id to what its logit is changed by.</summary>
internal static class LogitBiasReader
{
    public static IReadOnlyDictionary<int, float>? Read(ref JsonCursor json)
    {
        if (json.IsNull) return null;
        json.Expect(JsonTokenType.StartObject, "an object");
        var biases = new Dictionary<int, float>();
        while (json.NextField())
        {
            if (biases.Count == json.Limits.BiasesMax) throw json.Fail(TooManyProperties, json.Path, json.Limits.BiasesMax);
            var name = json.Text;
            if (!int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var token))
                throw json.Fail(NotAToken, json.Path, name);
            json.Push(name);
            json.Read();
            if (!biases.TryAdd(token, (float)(Forms.Bias.Read(ref json) ?? throw json.WrongType("a number"))))
                throw json.Fail(DuplicateParameter, json.Path);
            json.Pop();
        }
        return biases.Count == 0 ? null : biases;
    }
}
