# frozen_string_literal: true

RSpec.describe Minigun::ControlGroups do
  def directories(membership) = described_class.directories("memory", membership)

  it "finds the own group and its ancestors in the unified hierarchy (reliability P18)" do
    expect(directories("0::/user/app\n")).to eq(%w[/sys/fs/cgroup/user/app /sys/fs/cgroup/user /sys/fs/cgroup])
    expect(directories("0::/\n")).to eq(%w[/sys/fs/cgroup])
  end

  it "finds it in a hierarchy that the controller has for itself or shares" do
    expect(directories("12:pids:/a\n4:memory:/b\n")).to eq(%w[/sys/fs/cgroup/memory/b /sys/fs/cgroup/memory])
    expect(directories("3:cpu,memory:/\n")).to eq(%w[/sys/fs/cgroup/memory])
  end

  it "finds it in both" do
    expect(directories("4:memory:/b\n0::/\n"))
      .to eq(%w[/sys/fs/cgroup /sys/fs/cgroup/memory/b /sys/fs/cgroup/memory])
  end

  it "finds nothing where there is none" do
    expect(directories("")).to eq([])
    expect(directories("2:memory_other:/x\n")).to eq([])
  end
end
