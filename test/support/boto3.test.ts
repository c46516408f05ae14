import { expect, it } from 'vitest';
import { boto3Environment } from './boto3.ts';
import { withTempFolder } from './temp-folder.ts';

it('without boto3 a test fails, with the line that gets it', async () => {
  await withTempFolder(async (folder) => {
    const bare = { PATH: folder, XDG_CACHE_HOME: folder };
    const found = boto3Environment(bare, async () => {
      await Promise.reject(new Error('no mirror'));
    });
    await expect(found).rejects.toThrow(/no mirror.* get it with: apt-get install python3-boto3/);
  });
});
