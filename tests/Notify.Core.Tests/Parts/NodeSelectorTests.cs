using Notify.Core.Sessions;

namespace Notify.Core.Tests.Parts;

public sealed class NodeSelectorTests
{
    [Theory]
    [InlineData("*", "crm-1", true)]
    [InlineData("crm-1", "crm-1", true)]
    [InlineData("crm-1", "crm-10", false)]
    [InlineData("crm-1", "CRM-1", false)]
    [InlineData("crm-*", "crm-10", true)]
    [InlineData("crm-*", "dme-1", false)]
    [InlineData("*-1*", "crm-10", true)]
    [InlineData("c*m*0", "crm-10", true)]
    [InlineData("c*m*1", "crm-10", false)]
    [InlineData("role=crm", "any", true)]
    [InlineData("role=c*", "any", true)]
    [InlineData("role=dme", "any", false)]
    [InlineData("crm", "any", false)]
    [InlineData(" role=dme , any ", "any", true)]
    [InlineData("one more", "one more", true)]
    [InlineData("**", "", true)]
    public void Includes_NodeOfTheRoleCrm(string selector, string name, bool expected) =>
        Assert.Equal(expected, NodeSelector.Parse(selector).Includes(name, "crm"));

    [Theory]
    [InlineData("", "empty term")]
    [InlineData("crm-1,", "empty term")]
    [InlineData("role=", "empty term")]
    [InlineData("site=berlin", "role=NAME")]
    [InlineData("role=a=b", "role=NAME")]
    [InlineData("!crm-1", "'!'")]
    [InlineData("crm-[12]", "'['")]
    [InlineData("crm-?", "'?'")]
    public void Parse_OfWhatIsNoSelector_SaysWhatIsWrong(string text, string expected)
    {
        var failure = Assert.Throws<FormatException>(() => NodeSelector.Parse(text));
        Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_OfMoreThanIsTaken_SaysHowMuchIs() =>
        Assert.Contains("4096", Assert.Throws<FormatException>(() => NodeSelector.Parse(new string('a', 4097))).Message, StringComparison.Ordinal);

    [Fact]
    public void Includes_PatternOfManyStars_TakesNoLongerThanItsLength()
    {
        // Backtracking over every star would take years.
        var selector = NodeSelector.Parse(string.Concat(Enumerable.Repeat("*a", 1000)) + "b");
        Assert.False(selector.Includes(new string('a', 256), ""));
    }

    [Fact]
    public void ToString_IsReadBackAsTheSame()
    {
        var selector = NodeSelector.Parse(" role=dme ,crm-* , top");
        Assert.Equal("role=dme,crm-*,top", selector.ToString());
        Assert.Equal(["top"], selector.Names);
    }
}
