using System.Text;
using System.Text.Json;
using Samovar.Grammars.Rules;
using Samovar.Grammars.Schemas;

namespace Samovar.Tests.Grammars;

/// <summary>For schemas by chance: what passes a schema is admitted, and what is admitted passes.</summary>
public sealed class SchemaPropertyTests
{
    [Theory]
    [InlineData(4711)]
    [InlineData(20260309)]
    public void Grammar_AgreesWithAValidator(int seed)
    {
        var samples = new SchemaSamples(new Random(seed));
        var (admitted, refused) = (0, 0);
        for (var round = 0; round < 150; round++)
        {
            using var schema = JsonDocument.Parse(samples.Schema(depth: 3).ToJsonString());
            var result = JsonSchemaGrammar.Compile(Encoding.UTF8.GetBytes(schema.RootElement.GetRawText()), "schema");
            var grammar = GbnfGrammar.Parse(Assert.IsType<GrammarResult.Compiled>(result).Grammar.ToString());
            for (var sample = 0; sample < 4; sample++)
            {
                var document = samples.Document(schema.RootElement);
                var place = $"seed {seed}, round {round}, schema {schema.RootElement.GetRawText()}, document ";
                Assert.True(SchemaValidator.IsValid(document, schema.RootElement), "the validator refuses: " + place + document);
                Assert.True(GbnfMatcher.Accepts(grammar, document), "refused: " + place + document);
                for (var change = 0; change < 6; change++)
                {
                    document = samples.Mutated(document);
                    if (document.Length == 0)
                        break;
                    var isAdmitted = GbnfMatcher.Accepts(grammar, document);
                    Assert.True(!isAdmitted || SchemaValidator.IsValid(document, schema.RootElement), "admitted: " + place + document);
                    (admitted, refused) = isAdmitted ? (admitted + 1, refused) : (admitted, refused + 1);
                }
            }
        }
        Assert.True(admitted > 100 && refused > 1000, $"too few of one kind: {admitted} admitted, {refused} refused");
    }
}
