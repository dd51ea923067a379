# frozen_string_literal: true

require_relative "../spec_helper"
require "open3"
require "rbconfig"
require "tmpdir"

RSpec.describe "extconf.rb" do
  # A place of its own: configuring leaves files in the working directory.
  def configure(*options, env: {})
    script = File.expand_path("../../ext/minigun/extconf.rb", __dir__)
    Dir.mktmpdir do |dir|
      return Open3.capture2e(env, RbConfig.ruby, *options, script, chdir: dir)
    end
  end

  it "says what to install when there is no compiler" do
    output, status = configure(env: { "CC" => "no-such-compiler -O2" })
    expect(status.exitstatus).to eq(1)
    expect(output).to include('the C compiler "no-such-compiler" is not installed')
      .and include("apt-get install build-essential").and include("dnf install gcc")
      .and include("apk add build-base").and include("xcode-select --install")
  end

  it "says so, too, when the compiler does not work" do
    output, status = configure(env: { "CC" => "false" })
    expect(status.exitstatus).to eq(1)
    expect(output).to include('the C compiler "false" cannot make a program').and include("build-essential")
  end

  it "says what to install when Ruby's headers are missing" do
    Dir.mktmpdir do |dir|
      File.write(File.join(dir, "elsewhere.rb"), 'require "rbconfig"; RbConfig::CONFIG["rubyhdrdir"] = "/nonexistent"')
      output, status = configure("-r#{dir}/elsewhere.rb")
      expect(status.exitstatus).to eq(1)
      expect(output).to include("Ruby's header files are missing").and include("apt-get install ruby-dev")
        .and include("dnf install ruby-devel").and include("apk add ruby-dev")
    end
  end
end
