using Notify.Crm;
using Notify.Hosting;

return await NodeHost.RunAsync(new CrmProgram(), args);
