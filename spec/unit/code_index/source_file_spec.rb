# frozen_string_literal: true

require "tmpdir"
require_relative "../../../examples/code_index/source_file"

RSpec.describe "CodeIndex::SourceFile" do
  let(:source_file) { CodeIndex::SourceFile }

  around { |example| Dir.mktmpdir { |directory| Dir.chdir(directory) { example.run } } }

  def written(name, bytes)
    File.binwrite(name, bytes)
    name
  end

  it "reads UTF-8 without its byte order mark" do
    expect(source_file.read(written("a.rb", "\xEF\xBB\xBF# ü\n"))).to eq("# ü\n")
  end

  it "takes the encoding that the file declares, in the first line or after the shebang" do
    latin = source_file.read(written("a.rb", "# coding: ISO-8859-1\n# \xFC\n"))
    expect(latin.encoding).to eq(Encoding::ISO_8859_1)
    emacs = source_file.read(written("b.rb", "#!/usr/bin/ruby\n# -*- coding: utf-8-unix -*-\n"))
    expect(emacs.encoding).to eq(Encoding::UTF_8)
    second = source_file.read(written("c.rb", "x = 1\n# coding: ISO-8859-1\n"))
    expect(second.encoding).to eq(Encoding::UTF_8)
  end

  it "refuses what is no text" do
    expect { source_file.read(written("a.rb", "# \xFF\n")) }.to raise_error(source_file::Unusable, "invalid UTF-8")
    expect { source_file.read(written("b.rb", "# coding: nonsense\n")) }
      .to raise_error(source_file::Unusable, "unknown encoding nonsense")
  end

  it "refuses what is no file, without waiting for a named pipe" do
    Dir.mkdir("dir.rb")
    File.mkfifo("pipe.rb")
    File.symlink("nowhere", "dangling.rb")
    expect { source_file.read("dir.rb") }.to raise_error(source_file::Unusable, "not a regular file")
    expect { source_file.read("pipe.rb") }.to raise_error(source_file::Unusable, "not a regular file")
    expect { source_file.read("dangling.rb") }.to raise_error(Errno::ENOENT)
  end

  it "lists each file below several roots once, links to it included" do
    Dir.mkdir("sub")
    written("sub/a.rb", "")
    written("sub/b.txt", "")
    File.symlink("sub/a.rb", "link.rb")
    File.symlink("nowhere", "dangling.rb")
    found = source_file.below([".", "sub"]).to_a
    expect(found.map { |path| File.basename(path) }).to contain_exactly("a.rb", "dangling.rb").or(
      contain_exactly("link.rb", "dangling.rb")
    )
  end

  it "knows where the standard library is" do
    roots = source_file.installation_roots
    expect(roots).to include(RbConfig::CONFIG["rubylibdir"])
    expect(roots).to all(satisfy { |root| File.directory?(root) })
  end
end
