using System.ComponentModel.DataAnnotations;
using System.Reflection;
using Samovar.Tests.Tidy;

namespace Samovar.Tests.Documents;

public sealed class OptionsPageTests
{
    [Fact]
    public void Page_IsWhatTheOptionsAre()
    {
        var path = Path.Combine(SourceTree.Root, "docs", "options.md");
        if (Environment.GetEnvironmentVariable("SAMOVAR_REGENERATE") == "1") File.WriteAllText(path, OptionsPage.Markdown());
        Assert.True(
            File.Exists(path) && File.ReadAllText(path) == OptionsPage.Markdown(),
            "docs/options.md is not what the options classes say; run the tests once with SAMOVAR_REGENERATE=1.");
    }

    /// <summary>Bounds of another type are converted to before they are compared: 2.4 would be 2, and infinity an exception.</summary>
    [Fact]
    public void Bounds_HaveTheTypeOfTheirOption()
    {
        foreach (var (type, _) in OptionsPage.Sections())
            foreach (var property in OptionsPage.Properties(type))
                if (property.GetCustomAttribute<RangeAttribute>() is { } range)
                    Assert.True(range.OperandType == typeof(double) || range.OperandType == Underlying(property),
                        $"{type.Name}.{property.Name} has bounds of {range.OperandType.Name}");

        static Type Underlying(PropertyInfo property) => Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
    }

    [Fact]
    public void Options_SayWhatTheyAre()
    {
        Assert.Contains(OptionsPage.Sections(), row => row.Section == "Engine");
        foreach (var (type, section) in OptionsPage.Sections())
            foreach (var property in OptionsPage.Properties(type))
                Assert.True(
                    OptionsPage.Sentence(type, property) is [.., '.'] text && text.AsSpan().IndexOfAny("<>|") < 0,
                    $"{section}:{property.Name} has no plain sentence.");
    }
}
