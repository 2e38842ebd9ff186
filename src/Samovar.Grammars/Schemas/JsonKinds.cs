namespace Samovar.Grammars.Schemas;

/// <summary>The kinds of values a schema admits.</summary>
[Flags]
internal enum JsonKinds
{
    None = 0,
    Null = 1,
    Boolean = 2,
    Integer = 4,
    Fraction = 8,
    Number = Integer | Fraction,
    Text = 16,
    Array = 32,
    Object = 64,
    All = Null | Boolean | Number | Text | Array | Object,
}
