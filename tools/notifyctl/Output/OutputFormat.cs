namespace Notify.Ctl.Output;

internal enum OutputFormat
{
    Table = 0,
    Yaml = 1,
    Json = 2,
}
